"""Shows how the service is doing: metrics, and structured logs in which each event names its case."""
