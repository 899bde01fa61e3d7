"""Feed documents that mean harm (fault F2): each is one known way to make a reader work, grow or look around."""

import gzip
import io
from functools import cache

ITEM = "<item><guid>g1</guid><title>A plain headline</title><link>https://ledger.example/1</link></item>"


def rss(*, before: str = "", attributes: str = "", channel: str = "", after: str = ITEM) -> bytes:
    """An RSS document with one sound item, and room for harm before, in and behind the channel's head."""
    head = f'<?xml version="1.0"?>{before}<rss version="2.0"{attributes}><channel><title>The Ledger</title>'
    return f"{head}{channel}{after}</channel></rss>".encode()


def doctype(subset: str) -> str:
    """A document type declaration with this internal subset."""
    return f"<!DOCTYPE rss [{subset}]>"


def titled(reference: str) -> str:
    """An item whose title is a reference to an entity."""
    return f"<item><guid>g2</guid><title>{reference}</title><link>https://ledger.example/2</link></item>"


def laughs() -> str:
    """Entities that each stand for ten of the one before: a billion words from a thousand bytes."""
    levels = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    return '<!ENTITY l0 "lol">' + "".join(levels)


def harm(canary_path: str, canary_url: str) -> dict[str, bytes]:
    """The documents by name; those that look around ask for the canary file or the canary's address."""
    external = {
        "file": f'SYSTEM "file://{canary_path}"',
        "path": f'SYSTEM "{canary_path}"',
        "address": f'SYSTEM "{canary_url}/entity"',
        "public address": f'PUBLIC "-//A//B//EN" "{canary_url}/public"',
    }
    parameter = (
        f'<!ENTITY % d SYSTEM "{canary_url}/evil.dtd">%d;<!ENTITY % p "<!ENTITY x SYSTEM \'file://{canary_path}\'>">%p;'
    )
    include = '<xi:include href="{{}}" parse="text"/>'
    return {
        "billion laughs": rss(before=doctype(laughs()), after=titled("&l9;") + ITEM),
        "quadratic blow-up": rss(before=doctype(f'<!ENTITY a "{"a" * 100_000}">'), after=titled("&a;" * 30_000) + ITEM),
        **{
            f"external entity by {how}": rss(before=doctype(f"<!ENTITY x {where}>"), after=titled("[&x;]") + ITEM)
            for how, where in external.items()
        },
        "external document type": rss(before=f'<!DOCTYPE rss SYSTEM "{canary_url}/rss.dtd">'),
        "parameter entities": rss(before=doctype(parameter), after=titled("[&x;]") + ITEM),
        "inclusion of a file": rss(
            attributes=' xmlns:xi="http://www.w3.org/2001/XInclude"',
            after=titled(include.format(f"file://{canary_path}")) + ITEM,
        ),
        "inclusion of an address": rss(
            attributes=' xmlns:xi="http://www.w3.org/2001/XInclude"',
            after=titled(include.format(f"{canary_url}/include")) + ITEM,
        ),
        "a style sheet": rss(before=f'<?xml-stylesheet type="text/xsl" href="{canary_url}/feed.xsl"?>'),
        "10,000 levels": rss(channel="<a>" * 10_000 + "</a>" * 10_000),
        "100,000 levels": rss(channel="<a>" * 100_000 + "</a>" * 100_000),
        "100,000 levels in an item": rss(after=ITEM + titled("<b>" * 100_000)),
        "a page in place of a feed": b"<!DOCTYPE html><html><head><title>News</title></head><body>News.</body></html>",
        "a JSON feed of 100,000 levels": b'{"version": "https://jsonfeed.org/version/1.1", "items": ' + b"[" * 100_000,
        "a JSON feed of a million objects": b'{"version": "https://jsonfeed.org/version/1.1", "items": ['
        + b"{}," * 1_000_000
        + b"{}]}",
        "nothing": b"",
        "blanks": b" \r\n\t\0" * 1_000,
        "a gzip bomb": gzip_bomb(),
        "a gzip bomb of 50,000 members": gzip.compress(b"") * 50_000,
        "20,000 attributes": rss(channel="<a " + " ".join(f'a{n}="x"' for n in range(20_000)) + "/>"),
        "20,000 namespaces": rss(attributes="".join(f' xmlns:n{n}="http://n.example/{n}"' for n in range(20_000))),
        "60,000 openings of comments": rss(channel="<!--" * 60_000),
        "60,000 openings of sections": rss(channel="<![CDATA[" * 60_000),
        "a title of 9 MB": rss(after=titled("x" * 9_000_000) + ITEM),
        "a million references": rss(after=titled("&#x41;" * 1_000_000) + ITEM),
        "a million ampersands": rss(after=titled("&" * 1_000_000) + ITEM),
        "a million openings": rss(channel="<" * 1_000_000),
        "a date of a million digits": rss(
            after=f"<item><guid>g2</guid><pubDate>{'9' * 1_000_000}</pubDate></item>" + ITEM
        ),
    }


@cache
def gzip_bomb() -> bytes:
    """200 MB of markup in some 200 kB."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream:
        stream.write(rss()[:-20])
        for _ in range(200):
            stream.write(b"<a></a>\n" * 125_000)
    return packed.getvalue()
