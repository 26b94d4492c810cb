"""Act of a text: complaint, report, response, penalty, rule, promotion, other."""
