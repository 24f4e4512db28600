"""Feature maps: what the 32 filters of one convolution, not yet trained, make of an image.

python examples/feature_maps.py [IMAGE] [--output feature_maps.png]      (pictures need Pillow)
"""

import argparse

import numpy as np

import fastcnn
from fastcnn import layers

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("image", nargs="?", help="an image file; default: a drawn disc on stripes")
parser.add_argument("--output", default="feature_maps.png", help="default: feature_maps.png")
parser.add_argument("--seed", type=int, default=1, help="of the filters; default: 1")
arguments = parser.parse_args()


def drawn_image():
    """A bright disc on diagonal stripes, (64, 64, 3), 0 to 1."""
    y, x = np.mgrid[:64, :64]
    image = np.zeros((64, 64, 3), "float32")
    image[..., 2] = (x + y) // 8 % 2
    disc = (x - 32) ** 2 + (y - 32) ** 2 < 20**2
    image[disc] = (1, 0.7, 0.1)
    return image


def tiled(maps, columns=8, gap=2):
    """Maps (height, width, count), each stretched to 0 to 1, side by side in one picture (rows, columns, 1)."""
    height, width, count = maps.shape
    step_y, step_x = height + gap, width + gap
    picture = np.ones((count // columns * step_y - gap, columns * step_x - gap, 1), "float32")
    for number in range(count):
        top, left = number // columns * step_y, number % columns * step_x
        feature_map = maps[:, :, number]
        picture[top : top + height, left : left + width, 0] = feature_map / max(feature_map.max(), 1e-6)
    return picture


if arguments.image:
    image = fastcnn.utils.img_to_array(fastcnn.utils.load_img(arguments.image, target_size=(64, 64))) / 255
else:
    image = drawn_image()

fastcnn.utils.set_random_seed(arguments.seed)
model = fastcnn.Sequential()
model.add(layers.Conv2D(32, kernel_size=(3, 3), input_shape=(64, 64, 3), activation="relu"))
model.summary()

feature_maps = model.predict(image[np.newaxis])
print("Image:", image.shape, "feature maps:", feature_maps.shape)
fastcnn.utils.save_img(arguments.output, tiled(feature_maps[0]) * 255, scale=False)
print("Saved:", arguments.output)
