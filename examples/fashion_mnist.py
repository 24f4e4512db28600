"""Fashion-MNIST: ten kinds of clothes, told apart by one convolution.

python examples/fashion_mnist.py [--epochs 5] [--images 60000]
"""

import argparse

import fastcnn
from fastcnn import layers

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--epochs", type=int, default=5, help="default: 5")
parser.add_argument("--images", type=int, default=60_000, help="train on the first so many; default: all")
arguments = parser.parse_args()

class_names = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]

(x_train, y_train), (x_test, y_test) = fastcnn.datasets.fashion_mnist.load_data()
x_train, y_train = x_train[: arguments.images], y_train[: arguments.images]
x_train = x_train.astype("float32") / 255
x_test = x_test.astype("float32") / 255

model = fastcnn.Sequential(
    [
        layers.Conv2D(32, (3, 3), activation="relu", input_shape=(28, 28, 1)),
        layers.MaxPooling2D((2, 2)),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
model.summary()
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

# Images of shape (60000, 28, 28) fit a model for (28, 28, 1).
model.fit(x_train, y_train, batch_size=32, epochs=arguments.epochs)

test_loss, test_accuracy = model.evaluate(x_test, y_test)
print(f"Test loss: {test_loss:.4f}, test accuracy: {test_accuracy:.4f}")

for probabilities, label in zip(model.predict(x_test[:5], verbose=0), y_test, strict=False):
    guess = probabilities.argmax()
    print(f"{class_names[guess]} ({probabilities[guess]:.1%}); it is: {class_names[label]}")
