"""Tools of those who develop fengping; no part of the wheel, and never imported by the product."""
