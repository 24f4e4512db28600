"""Pictures of data, by matplotlib (an optional dependency, imported when one of these functions is called)."""

from fastcnn.visualization.image_gallery import plot_image_gallery

__all__ = ["plot_image_gallery"]
