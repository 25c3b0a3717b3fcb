"""Makes `.venv` from requirements-dev.txt: the one part of the lab that runs on the machine's own Python.

It uses nothing but the standard library and does nothing while the environment fits the requirements.
"""

import hashlib
import importlib.util
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "requirements.sha256"
REQUIREMENTS = (ROOT / "requirements.txt", ROOT / "requirements-dev.txt")
OLDEST_PYTHON = (3, 11)


def main() -> int:
    """Exit code 0 when the environment is complete, 1 with a sentence when it cannot be made."""
    wanted = fingerprint()
    if _runs() and STAMP.is_file() and STAMP.read_text("utf-8").strip() == wanted:
        return 0
    problem = unfit()
    if problem:
        print(f"make env: {problem}", file=sys.stderr)
        return 1
    started = time.monotonic()
    if not _runs():
        _say("-> making .venv")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    _say("-> installing Python packages (about a minute the first time)")
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*command, "-r", str(REQUIREMENTS[-1])], check=False)
    if done.returncode:
        _say("make env: pip failed; with the package index in reach, run it again: it goes on where it stopped")
        return 1
    STAMP.write_text(wanted + "\n", "utf-8")
    _say(f"   Python environment: done in {time.monotonic() - started:.0f} s")
    return 0


def fingerprint() -> str:
    """Changes with the requirements and with the version of Python."""
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for file in REQUIREMENTS:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def unfit() -> str | None:
    """Why this Python cannot make the environment, with the remedy; None when it can."""
    if sys.version_info < OLDEST_PYTHON:
        found, wanted = (".".join(map(str, version[:2])) for version in (sys.version_info, OLDEST_PYTHON))
        return f"python3 is {found}, {wanted} or newer is needed: run `make PYTHON=/path/to/python{wanted} ...`"
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        return f"this Python lacks {' and '.join(missing)}: install them (Debian: apt-get install python3-venv)"
    return None


def _runs() -> bool:
    """Whether the environment's own Python starts: it does not after the checkout or the machine's Python moved."""
    python = VENV / "bin" / "python"
    if not python.exists():
        return False
    done = subprocess.run([str(python), "-c", "import pip"], capture_output=True, check=False)
    return done.returncode == 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
