"""View classification (Østvik 2018)."""
