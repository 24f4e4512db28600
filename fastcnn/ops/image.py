"""Functions of images: `fastcnn.ops.image`, with the names of `keras.ops.image`."""

from fastcnn.ops.image_colour import hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv, scale_shift_clip
from fastcnn.ops.image_filter import gaussian_blur, sobel_edges, ssim
from fastcnn.ops.image_sampling import map_coordinates
from fastcnn.ops.image_size import (
    crop_images,
    extract_patches,
    extract_patches_3d,
    pad_images,
    resize,
    scale_and_translate,
)
from fastcnn.ops.image_warp import affine_transform, elastic_transform, perspective_transform

__all__ = [
    "affine_transform",
    "crop_images",
    "elastic_transform",
    "extract_patches",
    "extract_patches_3d",
    "gaussian_blur",
    "hsv_to_rgb",
    "map_coordinates",
    "pad_images",
    "perspective_transform",
    "resize",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "scale_and_translate",
    "scale_shift_clip",
    "sobel_edges",
    "ssim",
]
