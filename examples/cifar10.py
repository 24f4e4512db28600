"""CIFAR-10: photographs of ten kinds of animals and vehicles, 32x32 pixels in colour, told apart by two convolutions.

python examples/cifar10.py [--epochs 10] [--images 50000]
"""

import argparse

import fastcnn
from fastcnn import layers

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--epochs", type=int, default=10, help="default: 10")
parser.add_argument("--images", type=int, default=50_000, help="train on the first so many; default: all")
arguments = parser.parse_args()


def make_model(input_shape):
    return fastcnn.Sequential(
        [
            layers.Conv2D(32, (3, 3), activation="relu", input_shape=input_shape),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


(x_train, y_train), (x_test, y_test) = fastcnn.datasets.cifar10.load_data()
x_train, y_train = x_train[: arguments.images], y_train[: arguments.images]
x_train = x_train.astype("float32") / 255
x_test = x_test.astype("float32") / 255
y_train = fastcnn.utils.to_categorical(y_train, 10)  # labels of shape (n, 1) become rows of ten numbers
y_test = fastcnn.utils.to_categorical(y_test, 10)

model = make_model((32, 32, 3))
model.summary()
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=32, epochs=arguments.epochs, validation_data=(x_test, y_test))

test_loss, test_accuracy = model.evaluate(x_test, y_test)
print(f"Test loss: {test_loss:.4f}, test accuracy: {test_accuracy:.4f}")

print("The same network for images of 64x64 pixels:")
make_model((64, 64, 3)).summary()
