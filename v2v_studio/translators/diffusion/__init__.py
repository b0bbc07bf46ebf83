"""What the translators that run diffusers pipelines have in common."""
