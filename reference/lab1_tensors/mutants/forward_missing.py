del forward
