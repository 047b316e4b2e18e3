"""Who decides: proposers, the study loop, the ledger, the verdict, the report, publishing."""
