"""AccountView: a ledger to file from, and Visma.net AutoReport to file by."""
