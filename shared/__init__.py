"""The foundation of all services. It knows no service, and nothing enters it until two services need it."""
