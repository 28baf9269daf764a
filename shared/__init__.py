"""What every service stands on. It knows no service; nothing enters it until two services need it."""
