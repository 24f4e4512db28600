"""MNIST: handwritten digits, told apart by three convolutions.

python examples/mnist_deep.py [--epochs 5] [--images 60000]
"""

import argparse

import fastcnn
from fastcnn import layers

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--epochs", type=int, default=5, help="default: 5")
parser.add_argument("--images", type=int, default=60_000, help="take the first so many for training; default: all")
arguments = parser.parse_args()

(x_train, y_train), (x_test, y_test) = fastcnn.datasets.mnist.load_data()
x_train, y_train = x_train[: arguments.images], y_train[: arguments.images]
x_train = x_train.reshape(-1, 28, 28, 1).astype("float32") / 255
x_test = x_test.reshape(-1, 28, 28, 1).astype("float32") / 255

model = fastcnn.Sequential()
model.add(layers.Conv2D(32, (3, 3), activation="relu", input_shape=(28, 28, 1)))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Conv2D(64, (3, 3), activation="relu"))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Conv2D(64, (3, 3), activation="relu"))
model.add(layers.Flatten())
model.add(layers.Dense(64, activation="relu"))
model.add(layers.Dense(10, activation="softmax"))
model.summary()
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

# The last fifth of the images is not trained on: it shows after each epoch how well the network generalises.
history = model.fit(x_train, y_train, batch_size=64, epochs=arguments.epochs, validation_split=0.2)
print("Validation accuracy after each epoch:", [round(value, 4) for value in history.history["val_accuracy"]])

test_loss, test_accuracy = model.evaluate(x_test, y_test)
print(f"Test loss: {test_loss:.4f}, test accuracy: {test_accuracy:.4f}")
