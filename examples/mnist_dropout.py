"""MNIST: handwritten digits, told apart by one convolution and a dense layer with dropout.

python examples/mnist_dropout.py [--epochs 10] [--images 60000]
"""

import argparse

import fastcnn
from fastcnn import layers

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--epochs", type=int, default=10, help="default: 10")
parser.add_argument("--images", type=int, default=60_000, help="train on the first so many; default: all")
arguments = parser.parse_args()

(x_train, y_train), (x_test, y_test) = fastcnn.datasets.mnist.load_data()
x_train, y_train = x_train[: arguments.images], y_train[: arguments.images]
x_train = x_train.reshape(-1, 28, 28, 1).astype("float32") / 255
x_test = x_test.reshape(-1, 28, 28, 1).astype("float32") / 255

model = fastcnn.Sequential(
    [
        fastcnn.Input(shape=(28, 28, 1)),
        layers.Conv2D(32, (3, 3), activation="relu"),
        layers.MaxPooling2D((2, 2)),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ]
)
model.summary()
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=32, epochs=arguments.epochs, validation_data=(x_test, y_test))

score = model.evaluate(x_test, y_test, verbose=0)
print("Test loss:", score[0])
print("Test accuracy:", score[1])
