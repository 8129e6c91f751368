"""What is on a job's path and on no other: the packages of the Glue runtime itself."""
