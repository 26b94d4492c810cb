"""A case packed for somebody who has no fengping: pictures, texts, responses, manifest, how to check it."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

from fengping import signing
from fengping.durable import sum_of
from fengping.errors import Damaged, UsageError
from fengping.events.evidence.archive import Archive, erased_in
from fengping.events.evidence.stamping import KIND

_SUFFIX = {"response": ".warc.gz", "picture": ".png", "text": ".json", "about": ".json", "stamp": ".tsr"}
_HOW = """证据包核验方法（无需 fengping）

manifest.jsonl  每行一份材料。sha256 是材料文件的 SHA-256，own 是本行的哈希，before 是上一行的 own，
signature 是对 own 的 Ed25519 签名，公钥：{key}
（换过密钥的，最近者在前；请与出具方另行公布的公钥核对）。本包说明的是：页面自在此留存之后未被改动；并不说明页面所言属实。
1. 材料：对文件计算 SHA-256（sha256sum 文件名），应等于清单中同名行的 sha256。
2. 清单：将一行去掉 signature，own 置为空字符串，按键名排序写成不含空格的 JSON（UTF-8），
   其 SHA-256 应等于 own；before 应等于上一行的 own，首行为 64 个 0。清单为全档，未随包的材料只能核验其行。
   没有签名的行，由其后第一个有签名的行（kind 为 adopted）一并签认。
3. 时间戳：stamps 下的 .tsr（RFC 3161）所盖的是清单中 sha256 与之相同一行的 note，即此前某行的 own：
   openssl ts -reply -in 文件.tsr -text 显示时间；
   openssl ts -verify -in 文件.tsr -data 存有该own的文件 -CAfile 机构证书 核验。
4. .warc.gz 为服务器响应原文（WARC 1.0），可用任何 WARC 工具打开；.png 为整页截图；.json 为采集文本。

import hashlib, json, pathlib
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
keys = [Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)) for key in "{key}".split()]
def signed(signature, own):
    for key in keys:
        try:
            return key.verify(bytes.fromhex(signature), own.encode()) is None
        except InvalidSignature:
            pass
before, begun, rows = "0" * 64, False, {{}}
for line in open("manifest.jsonl", encoding="utf-8"):
    row = json.loads(line); own = row["own"]; assert row["before"] == before
    signature = row.pop("signature", "")
    text = json.dumps(row | {{"own": ""}}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == own; before = own
    rows[row["number"]] = row
    if begun or signature:
        assert signed(signature, own)
        assert begun or row["number"] == 1 or row["kind"] == "adopted"; begun = True
assert begun, "unsigned 没有签名"
for path in pathlib.Path().glob("*/*"):
    row = rows[int(path.name.replace("-", ".").split(".")[0])]
    assert path.parent.name in (row["document"], "stamps"), path
    assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"], path
print("OK 相符")
"""


def export(archive: Archive, documents: Sequence[str], target: Path) -> int:
    """Writes a ZIP of all that is kept of *documents*; how many files. Raises :class:`UsageError`, and
    :class:`Damaged` where any of it is not as it was kept."""
    pieces = [piece for piece in archive.pieces() if piece.document in documents and piece.sha256]
    erased = erased_in(archive.pieces())
    stamps = [piece for piece in archive.pieces() if piece.kind == KIND]
    kept = [piece for piece in pieces if piece.kind in _SUFFIX and piece.sha256 not in erased]
    if not kept:
        raise UsageError("Nothing is kept of these.", remedy="fengping evidence keep ID")
    for piece in (*kept, *stamps):
        file = archive.object(piece.sha256)
        if not file.exists() or sum_of(file) != piece.sha256:
            raise Damaged(
                f"The {piece.kind} in line {piece.number} of {archive.manifest} is not as it was kept.",
                remedy="fengping evidence verify names everything; put back a copy of var/evidence.",
            )
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as pack:
        for piece in kept:
            name = f"{piece.document}/{piece.number:06d}-{piece.kind}{_SUFFIX[piece.kind]}"
            pack.write(archive.object(piece.sha256), name)
        for piece in stamps:
            pack.write(archive.object(piece.sha256), f"stamps/{piece.number:06d}{_SUFFIX[piece.kind]}")
        pack.write(archive.manifest, "manifest.jsonl")
        pack.writestr("核验方法.txt", _HOW.format(key=" ".join(signing.keys(archive.home))))
    return len(kept)
