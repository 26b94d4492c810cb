"""Events kept as documents come: candidates by rare keys, links between pairs, events out of links."""
