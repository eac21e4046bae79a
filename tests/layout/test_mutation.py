"""The mutants of a source are Python, differ in one place, and leave alone what no behaviour hangs on."""

from mutants import mutants

SOURCE = '''
def first(items: list[int], *, least: int = 1) -> int | None:
    """Returns the first that fits."""
    for item in items:
        if item < least or not item:
            continue
        return found(item, "é", strict=True)
    raise LookupError("nothing fits")
'''
EXPECTED = [
    (2, "2"),
    (5, "(item < least and (not item))"),
    (5, "(not item)"),
    (5, "(item < least)"),
    (5, "(item <= least)"),
    (5, "(item)"),
    (6, "break"),
    (7, "return None"),
    (7, "'éX'"),
    (7, "found(item, 'é')"),
    (7, "False"),
    (8, "pass"),
]


def test_each_mutant_has_one_change() -> None:
    found = list(mutants(SOURCE))
    assert sorted((mutant.line, mutant.now) for mutant in found) == sorted(EXPECTED)
    for mutant in found:
        compile(mutant.source, "mutant", "exec")
        assert (
            mutant.source.replace(mutant.now, mutant.was, 1) == SOURCE or mutant.source.count(mutant.now) > 1
        )
