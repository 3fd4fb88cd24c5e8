"""Networks in eight-bit integers: made by NNCF, and measured against those that ship."""
