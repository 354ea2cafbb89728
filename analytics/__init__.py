"""Time series of extracted incident records around key dates."""
