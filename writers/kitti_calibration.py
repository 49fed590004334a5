"""Calibration files of KITTI's object benchmark."""

from __future__ import annotations

from collections.abc import Iterable

from replicator_dr.labels.cameras import Camera


def calibration(camera: Camera) -> str:
    """The file of an image: P0 to P3, R0_rect, Tr_velo_to_cam, Tr_imu_to_velo, row by row.

    There is one camera, which is all four, and no laser scanner: its frame (x forward, y left, z up) and that of the
    inertial unit stand at the camera. Pixels count from the first one's centre.
    """
    focal_x, focal_y, centre_x, centre_y = (float(number) for number in camera.intrinsics)
    projection = [focal_x, 0, centre_x - 0.5, 0, 0, focal_y, centre_y - 0.5, 0, 0, 0, 1, 0]
    entries: dict[str, Iterable[float]] = {
        **{f"P{number}": projection for number in range(4)},
        "R0_rect": (1, 0, 0, 0, 1, 0, 0, 0, 1),
        "Tr_velo_to_cam": (0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0),
        "Tr_imu_to_velo": (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0),
    }
    return "".join(f"{name}: {' '.join(f'{number:.12e}' for number in row)}\n" for name, row in entries.items())
