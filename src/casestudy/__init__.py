"""An executable teaching case: printed figures, what they can mean, and whether they hold.

Where to start, in Python:

    from casestudy import data, claims, reports
    data.table("members_reported")         # a table of the case, with types and dates
    claims.interval("cx_csat_23")          # what a claim can mean, as (low, high) in its unit
    claims.verdicts()                      # every claim: held against what, and what came of it
    reports.results("build/reports")       # the numbers of a run or a sweep, one row a claim

`casestudy.models` has one module a subject, such as `growth` or `staffing`; `casestudy.plots` draws figures that say
their layer; `casestudy.intervals` computes with ranges. In a shell, `casestudy --help` lists the commands. The case is
the built-in one, or the folder that the variable CASESTUDY_CASE names. The site (`make site`) has a page of functions.
"""
