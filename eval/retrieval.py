"""Were the articles found that hold the answer? Measured by ir-measures, per case.

Articles are ranked by their best passage. Relevant are the documents of the gold evidence. A case
without gold evidence is not measured; one for which nothing was found scores 0.
"""

from collections.abc import Mapping, Sequence

MEASURES: Mapping[str, str] = {
    "Hits@1": "Success@1",
    "Hits@4": "Success@4",
    "Hits@10": "Success@10",
    "recall@10": "R@10",
    "nDCG@10": "nDCG@10",
    "MRR@10": "RR@10",
}


def retrieval(
    relevant: Mapping[str, Sequence[str]], found: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """Each measure of each case, from 0 to 1: ``{"Hits@1": {case_id: value}}``.

    ``relevant`` has the gold documents of every case that has any, ``found`` what was retrieved,
    best first. Success, recall and reciprocal rank as trec_eval computes them, nDCG as in
    Järvelin and Kekäläinen (2002).
    """
    out: dict[str, dict[str, float]] = {name: {} for name in MEASURES}
    cases = [case for case, documents in relevant.items() if documents]
    if not cases:
        return out
    import ir_measures

    wanted = {name: ir_measures.parse_measure(measure) for name, measure in MEASURES.items()}
    qrels = [ir_measures.Qrel(c, d, 1) for c in cases for d in dict.fromkeys(relevant[c])]
    run = [
        ir_measures.ScoredDoc(case, document, -rank)
        for case in cases
        for rank, document in enumerate(dict.fromkeys(found.get(case, ())))
    ]
    names = {measure: name for name, measure in wanted.items()}
    for told in ir_measures.iter_calc(list(wanted.values()), qrels, run):
        out[names[told.measure]][told.query_id] = float(told.value)
    for name in MEASURES:
        out[name] = {case: out[name].get(case, 0.0) for case in cases}
    return out
