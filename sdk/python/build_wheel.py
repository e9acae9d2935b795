"""Builds the wheel without any tool: a zip of the package with its metadata. usage: build_wheel.py [DIRECTORY]

``pip wheel .`` gives the same where setuptools is there; this works on a bare Python and is reproducible.
"""

import base64
import hashlib
import pathlib
import re
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent


def main() -> None:
    target = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "dist")
    target.mkdir(parents=True, exist_ok=True)
    project = (HERE / "pyproject.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.*)"', project, re.M).group(1)  # type: ignore[union-attr]
    summary = re.search(r'^description = "(.*)"', project, re.M).group(1)  # type: ignore[union-attr]
    info = f"omnisight-{version}.dist-info"
    metadata = (f"Metadata-Version: 2.1\nName: omnisight\nVersion: {version}\nSummary: {summary}\nLicense: Apache-2.0\n"
                "Requires-Python: >=3.9\nProvides-Extra: numpy\nRequires-Dist: numpy; extra == 'numpy'\n"
                "Description-Content-Type: text/markdown\n\n" + (HERE / "README.md").read_text(encoding="utf-8"))
    files = {f"omnisight/{path.relative_to(HERE / 'src/omnisight')}": path.read_bytes()
             for path in sorted((HERE / "src/omnisight").rglob("*")) if path.suffix == ".py" or path.name == "py.typed"}
    files[f"{info}/METADATA"] = metadata.encode("utf-8")
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: omnisight\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "".join(f"{name},sha256={_digest(content)},{len(content)}\n" for name, content in files.items())
    files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode("utf-8")
    wheel = target / f"omnisight-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    print(wheel)


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode("ascii")


main()
