"""Knowledge of an event beside its documents: claims, spread, course, concentration. Pure."""
