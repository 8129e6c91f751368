def handler(event: dict[str, list[object]], context: object) -> int:
    return len(event["Records"])
