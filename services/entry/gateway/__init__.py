"""What entry reaches outside of the installation, and what it never reaches."""
