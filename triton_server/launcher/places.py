"""Where the launcher keeps what it makes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APPLICATION = "grammared"


@dataclass(frozen=True, slots=True)
class Places:
    """The launcher's folders; `GRAMMARED_HOME` puts all of them under one folder of the user's choice."""

    data: Path
    """Environments: large, slow to make, worth keeping."""
    state: Path
    """Which server runs, and its log."""
    cache: Path
    """Downloaded models."""

    @property
    def models(self) -> Path:
        """The user's own model repository, served beside the one that comes with the package."""
        return self.data / "model_repository"

    @staticmethod
    def of_user() -> Places:
        """The folders of the platform, or those under `GRAMMARED_HOME`."""
        home = os.environ.get("GRAMMARED_HOME")
        if home:
            root = Path(home).expanduser().absolute()
            return Places(data=root / "data", state=root / "state", cache=root / "cache")
        return Places(
            data=platformdirs.user_data_path(APPLICATION),
            state=platformdirs.user_state_path(APPLICATION),
            cache=platformdirs.user_cache_path(APPLICATION),
        )
