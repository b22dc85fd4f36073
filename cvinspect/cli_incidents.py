"""`cvinspect incidents`: what the ledger holds, and replaying what a sink would not have."""
