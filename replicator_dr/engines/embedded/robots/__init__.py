"""Robots: files of links and joints as USD articulations, their kinematics, labels and collisions."""
