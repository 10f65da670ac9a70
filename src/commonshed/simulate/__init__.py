"""Made-up sheds with a known truth, of any size. What is simulated is labelled so wherever it shows."""
