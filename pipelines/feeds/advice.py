"""What a person can do about a feed that cannot be read, for each kind of error."""

_ADVICE = {
    "http-401": "the feed is for subscribers; ask the publisher for a public one, or set enabled = false",
    "http-403": "the publisher's server turns us away; ask the publisher to let us in, do not disguise the User-Agent",
    "http-404": "nothing is at this address any more; look for <link rel=alternate> on the homepage",
    "http-410": "the publisher took the feed away; look for another on the homepage, or set enabled = false",
    "http-429": "the server wants fewer requests; try later, and with a longer --host-delay",
    "challenge": "a bot check stands before the feed; ask the publisher to let us in, do not disguise the User-Agent",
    "not-a-feed": "an HTML page or something else answers; look for <link rel=alternate> on the homepage",
    "empty": "the document is empty; try later, then look for another feed on the homepage",
    "too-large": "the document is too large to read; look for a feed of the newest entries only",
    "limits": "the document costs too much to read; look for another feed on the homepage",
    "parse-limit": "the document costs too much to read; look for another feed on the homepage",
    "unreadable": "the document is too broken to read; tell the publisher",
    "robots": "robots.txt forbids this address; keep to it: ask the publisher, or set enabled = false",
    "robots-unreachable": "robots.txt cannot be had, so nothing may be asked; try later",
    "host-blocked": "the domain asked for a pause; try later, and with a longer --host-delay",
    "postponed": "its domain is slow or has many feeds, and had its time of a pass; list fewer of them",
    "host-down": "three addresses of the host in a row failed; try later",
    "timeout": "no whole answer in time; try later",
    "dns": "no host of that name; look whether it is written right, and try later",
    "connect": "no connection; try later",
    "tls": "no valid certificate; tell the publisher",
    "egress": "the name leads to a private address or an odd port; --allow-network opens a range of your own",
    "redirects": "redirected in circles; open the address in a browser and take the one it ends at",
    "protocol": "the answer is no HTTP that can be understood; tell the publisher",
}
_BROKEN_BODY = "the answer breaks off or is packed in a wrong way; try later, then tell the publisher"
_BAD_ADDRESS = "it leads to an address that must not be asked; look for the feed's address on the homepage"


def advise(error: str) -> str:
    """What to do about an error of polling, named as in the dead letters of stage discover."""
    if error in _ADVICE:
        return _ADVICE[error]
    if error in ("truncated", "bad-coding", "unasked-coding"):
        return _BROKEN_BODY
    if error.startswith("http-5"):
        return "the server is out of order; try later"
    if error.startswith("http-"):
        return "the server does not give the feed; open the address in a browser, then ask the publisher"
    return _BAD_ADDRESS
