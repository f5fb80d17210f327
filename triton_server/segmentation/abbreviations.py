"""What a full stop may belong to, and which words begin a sentence; all in lower case."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEVER_LAST = _words(
    """
    mr mrs ms mx dr drs prof messrs mme mlle hon rev fr gen maj capt lt col sgt cpl adm cmdr supt insp sen rep
    gov pres amb mt
    e.g eg i.e ie cf vs v viz ca approx resp incl esp aka excl misc ps p.s
    """
)
"""Titles before a name, and what leads on to something: no sentence ends with these."""

BEFORE_NUMBER = _words(
    """
    no nos nr fig figs p pp vol vols ch chap chaps sec sect eq eqs ed eds art para paras tab ref refs app ver
    pt ex exs op fol col n jan feb apr jun jul aug sep sept oct nov dec
    """
)
"""What a number, letter or Roman numeral follows; otherwise the full stop ends the sentence."""

NOT_BEFORE_LOWER = _words("etc ect")
"""These end a sentence unless it goes on in lower case."""

MAYBE_LAST = _words(
    """
    inc ltd corp co bros llc jr sr esq st ave blvd rd hwy dept univ assn assoc govt intl natl mfg est pvt
    a.m p.m am pm b.c a.d ph.d m.d b.a m.a
    ariz ark calif colo conn del fla ga ill ind kan ky la md mich minn miss mo mont neb nev okla ore pa tenn
    tex va vt wash wis wyo
    al ibid min max avg temp tel ext dist
    """
)
"""These stand inside a sentence and at its end: the next word decides."""

STARTERS = _words(
    """
    a an the this that these those there here it its he she we they you i my your his her our their
    what who whom whose which when where why how if unless whether although though because since
    while after before until as once in on at for from to by with without under over during between
    among against about and but or so yet nor however therefore thus hence then also moreover
    furthermore meanwhile otherwise instead still now today yesterday tomorrow perhaps maybe please
    let do does did is are was were am can could will would shall should may might must have has had
    some any many most much few several all each every both either neither no not none nobody
    nothing everyone everybody everything someone somebody something another other others one two
    three such only even just well yes ok okay thanks thank see according despite first second
    finally next last later recently unfortunately fortunately
    """
)
"""Words that begin sentences and are hardly ever a capitalised second half."""
