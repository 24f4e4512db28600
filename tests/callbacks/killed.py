"""A program that trains, for test_backup_and_restore: killed at a given point, or not; prints a checksum in the end."""

import hashlib
import os
import signal
import sys

import numpy as np

import fastcnn
from fastcnn import callbacks, layers, optimizers


def main():
    kind, folder, kill_at, save_freq = sys.argv[1:5]

    fastcnn.utils.set_random_seed(3)
    rng = np.random.default_rng(0)
    X = rng.random((50, 8, 8, 1), dtype="float32")
    Y = rng.integers(0, 3, 50)
    model = fastcnn.Sequential(
        [
            fastcnn.Input((8, 8, 1)),
            layers.RandomFlip("horizontal"),
            layers.RandomTranslation(0.2, 0.2),
            layers.Conv2D(4, 3),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )
    rate = optimizers.schedules.ExponentialDecay(0.01, 7, 0.9) if kind == "schedule" else 0.01
    model.compile(
        optimizers.Adam(rate, use_ema=kind == "schedule"),
        loss=fastcnn.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )

    class Kill(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if kill_at == f"{self.epoch}.{batch}":
                os.kill(os.getpid(), signal.SIGKILL)

        def on_epoch_begin(self, epoch, logs=None):
            self.epoch = epoch

    if kill_at == "saving":
        from fastcnn.saving import training_state

        class Half:
            saves = 0

            @staticmethod
            def write_array(archive, name, array):
                whole(archive, name, array)
                if name == "optimizer/vars/3":
                    Half.saves += 1
                    if Half.saves == 3:
                        archive.fp.flush()
                        os.kill(os.getpid(), signal.SIGKILL)

        whole = training_state.write_array
        training_state.write_array = Half.write_array

    backup = callbacks.BackupAndRestore(folder, save_freq if save_freq == "epoch" else int(save_freq), kind == "double")
    mine = [backup, Kill()]
    if kind == "callbacks":
        mine += [
            callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=10.0),
            callbacks.LearningRateScheduler(lambda epoch, lr: lr * 0.9),
            callbacks.EarlyStopping("val_loss", patience=4, restore_best_weights=True),
        ]

    def batches():
        while True:
            for start in range(0, 48, 16):
                yield X[start : start + 16], Y[start : start + 16]

    data = {"x": X, "y": Y, "batch_size": 16}
    if kind == "generator":
        data = {"x": batches(), "steps_per_epoch": 4}
    history = model.fit(**data, epochs=5, validation_data=(X[:20], Y[:20]), callbacks=mine, verbose=0)
    digest = hashlib.sha256()
    for variable in [*model.variables, *model.optimizer.variables]:
        digest.update(variable.value.tobytes())
    print(history.epoch[0], digest.hexdigest(), [history.history[key][-1] for key in sorted(history.history)])
    print(os.path.exists(folder))


if __name__ == "__main__":
    main()
