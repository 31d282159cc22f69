namespace ModelGarden.Formats.Onnx;

/// <summary>The makers of operators that common runtimes bring themselves.</summary>
internal static class OnnxDomains
{
    public static bool IsKnown(string domain) =>
        domain is "" or "ai.onnx" or "ai.onnx.ml" or "ai.onnx.training" or "ai.onnx.preview" or "ai.onnx.preview.training" or "com.microsoft" or "com.microsoft.nchwc" or "com.microsoft.experimental"
            or "com.ms.internal.nhwc" or "org.pytorch.aten" or "com.microsoft.dml";

    public static bool IsPython(string domain, string type) => (domain is "com.microsoft" && type is "PyOp" or "PyCustomOp") || (domain is "ai.onnx.contrib" && type is "PyOp" or "PyCustomOp" or "PyOpaque");
}
