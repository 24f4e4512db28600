"""Several changes of images chosen at random, in training: `RandAugment` and `AugMix`."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.graph import Tensor
from fastcnn.layers.image_colour import RandomBrightness, RandomColorDegeneration, RandomContrast, seed_of_part
from fastcnn.layers.image_filters import RandomSharpness
from fastcnn.layers.image_geometry import INTERPOLATIONS, RandomRotation, RandomShear, RandomTranslation
from fastcnn.layers.image_layer import ImageLayer, Range, checked_range, factor_range, for_each_image
from fastcnn.layers.image_levels import AutoContrast, Equalization, RandomPosterization, Solarization
from fastcnn.layers.registry import register
from fastcnn.utils.arguments import checked_number, positive_integer
from fastcnn.utils.lookup import lookup

GAMMA = 3


def changes(
    factor: Range, value_range: list[float], interpolation: str, seed: int | None, names: list[str]
) -> list[ImageLayer]:
    """The layers of these names, each with its strength from `factor`."""
    seeds = {name: seed_of_part(seed, number) for number, name in enumerate(names)}
    bits = max(1, int(8 * factor[1]))
    values: dict[str, Any] = {"value_range": value_range}
    makers = {
        "random_shear": lambda seed: RandomShear(factor, factor, interpolation, seed=seed),
        "random_translation": lambda seed: RandomTranslation(factor, factor, interpolation=interpolation, seed=seed),
        "random_rotation": lambda seed: RandomRotation(factor, interpolation=interpolation, seed=seed),
        "random_brightness": lambda seed: RandomBrightness(factor, seed=seed, **values),
        "random_color_degeneration": lambda seed: RandomColorDegeneration(factor, seed=seed, **values),
        "random_contrast": lambda seed: RandomContrast(factor, seed=seed, **values),
        "random_sharpness": lambda seed: RandomSharpness(factor, seed=seed, **values),
        "random_posterization": lambda seed: RandomPosterization(bits, seed=seed, **values),
        "solarization": lambda seed: Solarization(factor, factor, seed=seed, **values),
        "auto_contrast": lambda seed: AutoContrast(**values),
        "equalization": lambda seed: Equalization(**values),
    }
    return [makers[name](seeds[name]) for name in names]


@register
class RandAugment(ImageLayer):
    """Changes images by layers chosen at random for each batch, in training: shear, translation, rotation, brightness,
    colour degeneration, contrast, sharpness, posterization, solarization, contrast spread, equalization.

    Args:
        value_range: least and largest value of images. Default (0, 255).
        num_ops: how many layers, one after the other. Default 2.
        factor: the strength: a number f for 0 to f, or a pair of ends, from 0 to 1. Default 0.5.
        interpolation: "bilinear" or "nearest". Default "bilinear".
        seed: an integer for a sequence of its own. Default None: from the global generator.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).

    On arrays only the chosen layers run; inside of a model's step all of them do, and one result is taken.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.RandAugment(seed=1)(np.ones((2, 8, 8, 3))).shape
    (2, 8, 8, 3)
    """

    is_traceable = False
    names = (
        "random_shear",
        "random_translation",
        "random_rotation",
        "random_brightness",
        "random_color_degeneration",
        "random_contrast",
        "random_sharpness",
        "random_posterization",
        "solarization",
        "auto_contrast",
        "equalization",
    )

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_ops: int = 2,
        factor: Any = 0.5,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        self.value_range = checked_range(value_range)
        self.num_ops = positive_integer(num_ops, "num_ops")
        self.factor = factor_range(factor, "factor", 0.0, 1.0)
        self.interpolation = lookup("interpolation", interpolation, INTERPOLATIONS)
        self.changes = changes(self.factor, self.value_range, self.interpolation, self.seed, list(self.names))

    def transform(self, inputs: Any) -> Any:
        count = len(self.changes)
        picks = [ops.floor(number) for number in self.uniform_of_batch(*[(0.0, float(count))] * self.num_ops)]
        for pick in picks:
            if not isinstance(inputs, Tensor):
                inputs = self.changes[int(pick.item())](inputs, training=True)
                continue
            results = inputs
            for number, change in enumerate(self.changes):
                chosen = ops.reshape(ops.equal(pick, float(number)), (1, 1, 1, 1))
                results = ops.where(chosen, change(inputs, training=True), results)
            inputs = results
        return inputs

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "value_range": self.value_range,
            "num_ops": self.num_ops,
            "factor": self.factor,
            "interpolation": self.interpolation,
        }


@register
class AugMix(ImageLayer):
    """Mixes images with the results of several chains of layers chosen at random, in training.

    Args:
        value_range: least and largest value of images; results are cut to it. Default (0, 255).
        num_chains: the number of chains. Default 3.
        chain_depth: the most layers of a chain. Default 3.
        factor: the strength: a number f for 0 to f, or a pair of ends, from 0 to 1. Default 0.3.
        alpha: parameter of the distributions of weights (Dirichlet among the chains, beta between them and the
            images). Default 1.
        all_ops: whether brightness, colour degeneration, contrast and sharpness are among the layers. Default True.
        interpolation: "bilinear" or "nearest". Default "bilinear".
        seed: an integer for a sequence of its own. Default None: from the global generator.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).

    On arrays the layers are chosen anew in each call; in a model when its step is compiled, as in Keras.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.AugMix(seed=1)(np.ones((2, 8, 8, 3))).shape
    (2, 8, 8, 3)
    """

    is_traceable = False
    names = (
        "random_shear",
        "random_translation",
        "random_rotation",
        "random_posterization",
        "solarization",
        "auto_contrast",
        "equalization",
    )
    more_names = ("random_brightness", "random_color_degeneration", "random_contrast", "random_sharpness")

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_chains: int = 3,
        chain_depth: int = 3,
        factor: Any = 0.3,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        self.value_range = checked_range(value_range)
        self.num_chains = positive_integer(num_chains, "num_chains")
        self.chain_depth = positive_integer(chain_depth, "chain_depth")
        self.factor = factor_range(factor, "factor", 0.0, 1.0)
        self.alpha = float(checked_number(alpha, "alpha", least=0))
        self.all_ops = all_ops
        self.interpolation = lookup("interpolation", interpolation, INTERPOLATIONS)
        names = [*self.names, *(self.more_names if all_ops else ())]
        self.changes = changes(self.factor, self.value_range, self.interpolation, self.seed, names)
        import random  # not imported before it is needed

        self.choice = random.Random(int(self.state.value[0]))

    def transform(self, inputs: Any) -> Any:
        shapes = np.full((1, self.num_chains + 2), self.alpha, "float32")
        logs = ops.random_log_gamma(shapes, self.state, GAMMA)
        weights = ops.split(ops.softmax(logs[:, : self.num_chains]), self.num_chains, axis=1)
        own = for_each_image(ops.sigmoid(ops.subtract(logs[:, -2:-1], logs[:, -1:])))
        mixed: Any = 0.0
        for weight in weights:
            results = inputs
            for _ in range(self.chain_depth):
                change = self.choice.choice([*self.changes, None])
                results = results if change is None else change(results, training=True)
            mixed = ops.add(ops.multiply(results, for_each_image(weight)), mixed)
        mixed = ops.add(ops.multiply(inputs, own), ops.multiply(mixed, ops.subtract(1.0, own)))
        return ops.clip(mixed, *self.value_range)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "value_range": self.value_range,
            "num_chains": self.num_chains,
            "chain_depth": self.chain_depth,
            "factor": self.factor,
            "alpha": self.alpha,
            "all_ops": self.all_ops,
            "interpolation": self.interpolation,
        }
