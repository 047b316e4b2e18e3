"""The launcher of the attacks."""

from tracks.isolation.launcher import Launcher


class Launchers:
    """The launcher in use; another one takes its place after an attack that was let break it."""

    def __init__(self) -> None:
        self._launcher = Launcher()

    def get(self) -> Launcher:
        if self._launcher.broken:
            self.close()
            self._launcher = Launcher()
        return self._launcher

    def close(self) -> None:
        self._launcher.close()
