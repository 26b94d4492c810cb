"""What a text does: complaint, report, response, penalty, rule, promotion, other."""
