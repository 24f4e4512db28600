"""A folder of images (PNG, JPEG, BMP or GIF), with a folder in it for each class: read while a network trains on it.

python examples/image_folder.py [FOLDER] [--size 28] [--epochs 5]

Without FOLDER, digits of the set in the package are first written to the folder `digits`, as 2,000 PNG files.
"""

import argparse
from pathlib import Path

import fastcnn
from fastcnn import layers, utils

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("folder", nargs="?", help="default: digits of the set in the package, written to `digits`")
parser.add_argument("--size", type=int, default=28, help="height and width to resize to; default: 28")
parser.add_argument("--epochs", type=int, default=5, help="default: 5")
parser.add_argument("--images", type=int, default=2000, help="how many digits to write; default: 2000")
arguments = parser.parse_args()

folder = arguments.folder or "digits"
if arguments.folder is None:
    (images, labels), _ = fastcnn.datasets.mnist_small.load_data()
    for number in range(arguments.images):
        path = Path(folder, f"{labels[number]}", f"{number:05d}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        utils.save_img(path, images[number][..., None], scale=False)

train, validation = utils.image_dataset_from_directory(
    folder, validation_split=0.2, subset="both", seed=1, image_size=(arguments.size, arguments.size)
)
print("classes:", ", ".join(train.class_names))

model = fastcnn.Sequential(
    [
        layers.Rescaling(1 / 255),
        layers.RandomTranslation(0.05, 0.05),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(len(train.class_names), activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, epochs=arguments.epochs, validation_data=validation)

path = validation.file_paths[0]
image = utils.load_img(path, target_size=(arguments.size, arguments.size), interpolation="bilinear")
shares = model.predict(utils.img_to_array(image)[None], verbose=0)[0]
print(f"{path}: {train.class_names[shares.argmax()]} ({shares.max():.0%})")
