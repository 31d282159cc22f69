namespace ModelGarden.Formats.Onnx;

/// <summary>The makers of operators that common runtimes bring themselves: ONNX's own, and those that ONNX Runtime is built with.</summary>
internal static class OnnxDomains
{
    public static bool IsKnown(string domain) =>
        domain is "" or "ai.onnx" or "ai.onnx.ml" or "ai.onnx.training" or "ai.onnx.preview" or "ai.onnx.preview.training"
            or "com.microsoft" or "com.microsoft.nchwc" or "com.microsoft.experimental" or "com.microsoft.mlfeaturizers" or "com.microsoft.dml" or "com.ms.internal.nhwc" or "org.pytorch.aten";

    public static bool IsPython(string domain, string type) => (domain is "com.microsoft" && type is "PyOp" or "PyCustomOp") || (domain is "ai.onnx.contrib" && type is "PyOp" or "PyCustomOp" or "PyOpaque");
}
