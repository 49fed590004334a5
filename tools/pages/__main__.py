"""Make the pages and pictures: python -m tools.pages [randomizers|scenes] [NAME...]."""

from __future__ import annotations

import argparse

from tools.pages import randomizers, scenes


def main() -> None:
    """Both pages, one of them, or some pictures of one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", nargs="?", choices=("randomizers", "scenes"), help="which page; both by default")
    parser.add_argument("names", nargs="*", metavar="NAME", help="pictures to make anew; all by default")
    arguments = parser.parse_args()
    if arguments.page != "scenes":
        randomizers.make(arguments.names)
    if arguments.page != "randomizers":
        scenes.make(arguments.names)


if __name__ == "__main__":
    main()
