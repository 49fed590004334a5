"""Skeletons of USD assets (UsdSkel): meshes in the pose of their joints, and keypoints at these."""
