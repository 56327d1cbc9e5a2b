"""What automatic mail tells about itself and the mail that it is about (C7). Facts only: crm_store/rules decides."""
