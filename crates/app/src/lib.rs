//! Use cases: authorise, load, decide, write; the committer that groups commands into durable transactions.
