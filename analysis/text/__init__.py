"""Ground of all reading of texts: characters, sentences, words, keywords. Pure."""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.analysis.text.folding import fold
    from fengping.analysis.text.keywords import TOP, KeywordFinder
    from fengping.analysis.text.sentences import Span, clauses, span_at
    from fengping.analysis.text.word_finder import WordFinder
    from fengping.analysis.text.writing import language, spellings, traditional, written_alike
else:
    __getattr__ = front_door(__name__)
