"""What a reading depends on, as one digest: a document is read again when it has changed.

That is the document, the corrections, the reference data, and what the readers' code means: all modules that a reader
imports, without their comments and docstrings, the data files beside them that they name, and the packages of others
that they import, file by file, because dictionaries are among those files. How cases are written to the database is no
part of it.
"""

import ast
import hashlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from catalog.importing.corrections import Corrections
from catalog.importing.reference import Reference

DOCUMENT_READERS = ("catalog.importing.decoding", "catalog.importing.readers", "catalog.importing.chapters")
DOCUMENT_READERS += ("catalog.importing.compose",)
ROWS_READERS = ("catalog.importing.rows.files", "catalog.importing.rows.drafts", "catalog.importing.institutions")

_OWN = re.compile(r"catalog\.(?:importing|text)(?:\.|$)")

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)

FindFile = Callable[[str], Path | None]


def fingerprint(sha256: str, readers: tuple[str, ...], reference: Reference, corrections: Corrections) -> str:
    """`sha256`: of the document. `readers`: the names of the modules that read it."""
    digest = hashlib.sha256(f"{sha256} {readers_digest(readers)}".encode())
    digest.update(repr((reference, corrections)).encode())
    return digest.hexdigest()


@cache
def readers_digest(readers: tuple[str, ...]) -> str:
    """Takes some 0.3 s, so once a process."""
    return digest_of(readers, file_of)


def digest_of(modules: Iterable[str], file_of: FindFile) -> str:
    """Of the modules and all that they import. `file_of` gives the file of a module, None if there is none."""
    digest, waiting, known = hashlib.sha256(), sorted(modules), set()
    while waiting:
        name = waiting.pop()
        path = file_of(name)
        if name in known or path is None:
            continue
        known.add(name)
        digest.update(name.encode())
        if not _OWN.match(name):
            _add_package(digest, path.parent)
            continue
        tree = ast.parse(path.read_bytes())
        nodes = list(ast.walk(tree))
        digest.update(meaning(tree, nodes).encode())
        for data in _named_files(nodes, path.parent):
            digest.update(data.read_bytes())
        waiting += sorted(set(_imports(nodes)))
    return digest.hexdigest()


def file_of(name: str) -> Path | None:
    """The file of a module; of a package its `__init__.py`. None for what is no module, or is part of Python."""
    if name.partition(".")[0] in sys.stdlib_module_names:
        return None
    try:
        spec = find_spec(name)
    except ModuleNotFoundError:  # a name in a module that is no package
        return None
    return Path(spec.origin) if spec and spec.origin else None


def meaning(tree: ast.Module, nodes: Iterable[ast.AST]) -> str:
    """What a module says, whatever its comments, docstrings and layout. Takes the docstrings out of the tree."""
    for node in nodes:
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return ast.dump(tree)


def _imports(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Names of modules, of ours in full, of others the package. Some are names in a module, and no file's."""
    for node in nodes:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            yield name if _OWN.match(name) else name.partition(".")[0]


def _named_files(nodes: Iterable[ast.AST], folder: Path) -> list[Path]:
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    names = {text for text in texts if re.fullmatch(r"[\w-]+\.\w+", text)}
    return [folder / name for name in sorted(names) if (folder / name).is_file()]


def _add_package(digest, folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(f"{path.relative_to(folder)}".encode())
            digest.update(path.read_bytes())
